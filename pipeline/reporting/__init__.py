"""Reporting: output → pages, plots, exports. Empty so far; see the roadmap in docs/."""
