"""The face: pages, API, accounts."""
