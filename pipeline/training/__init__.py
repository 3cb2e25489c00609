"""Training: tagged corpus → models and figures. Needs `rollcall[train]`."""
