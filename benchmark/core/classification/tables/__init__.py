"""Wording tables: what people and machines write, one row a rule. Each row carries the mail line it was made for."""
