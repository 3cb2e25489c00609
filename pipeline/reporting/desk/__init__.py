"""The desk: a local page on which people accept and correct what was found, most doubtful and weighty rows first."""
