"""Packed outcomes, free text of imports, first-contact resolution."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("outcome") as batch:
        batch.alter_column("channel", existing_type=sa.String(32), existing_nullable=False, type_=AutoString())
        batch.alter_column("inquiry", existing_type=sa.String(32), existing_nullable=False, type_=AutoString())
        batch.add_column(sa.Column("first_contact_resolved", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.drop_index("ix_outcome_campaign_id")
        batch.create_index("ix_outcome_campaign_id_brand_id", ["campaign_id", "brand_id"])
    op.create_table(
        "outcome_pack",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_outcome_pack_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", "bucket", name=op.f("pk_outcome_pack")),
    )
    op.create_index("ix_outcome_pack_campaign_id_version", "outcome_pack", ["campaign_id", "version"])


def downgrade() -> None:
    op.drop_table("outcome_pack")
    with op.batch_alter_table("outcome") as batch:
        batch.drop_index("ix_outcome_campaign_id_brand_id")
        batch.create_index("ix_outcome_campaign_id", ["campaign_id"])
        batch.drop_column("first_contact_resolved")
