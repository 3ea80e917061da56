"""The only place that writes SQL: tables, sessions, queries, migrations."""
