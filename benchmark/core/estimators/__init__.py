"""Estimators with intervals: numpy and the standard library only. Every value is checked against R to 1e-6."""

from benchmark.core.estimators.agreement import AgreementLevel, cohens_kappa, krippendorffs_alpha
from benchmark.core.estimators.competing import CumulativeIncidence, aalen_johansen
from benchmark.core.estimators.grouped import GroupedSurvival, grouped_survival
from benchmark.core.estimators.power import (
    design_effect,
    detectable_difference,
    half_width,
    intraclass_correlation,
    probes_per_brand,
)
from benchmark.core.estimators.proportions import Z95, Estimate, newcombe, newcombe_limits, wilson, wilson_limits
from benchmark.core.estimators.shrinkage import BetaPrior, expected_rates, fit_beta_prior
from benchmark.core.estimators.survival import LogRank, SurvivalCurve, kaplan_meier, log_rank

__all__ = [
    "Z95",
    "AgreementLevel",
    "BetaPrior",
    "CumulativeIncidence",
    "Estimate",
    "GroupedSurvival",
    "LogRank",
    "SurvivalCurve",
    "aalen_johansen",
    "cohens_kappa",
    "design_effect",
    "detectable_difference",
    "expected_rates",
    "fit_beta_prior",
    "grouped_survival",
    "half_width",
    "intraclass_correlation",
    "kaplan_meier",
    "krippendorffs_alpha",
    "log_rank",
    "newcombe",
    "newcombe_limits",
    "probes_per_brand",
    "wilson",
    "wilson_limits",
]
