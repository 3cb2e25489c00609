"""Reporting: an output folder → the reading room (a static site) and exports for other programs."""
