"""The instrument: what is measured and how."""
