"""The network of institutions that share people: python docs/examples/institutions_network.py OUT."""

import sys

from pipeline import read_tables

tables = read_tables(sys.argv[1])
pairs = tables["affiliations"].dropna(subset=["person_id", "institution_id"])[["person_id", "institution_id"]]
pairs = pairs.drop_duplicates()
both = pairs.merge(pairs, on="person_id", suffixes=("_a", "_b"))
both = both[both["institution_id_a"] < both["institution_id_b"]]
ties = both.groupby(["institution_id_a", "institution_id_b"]).size().rename("people").reset_index()
print(ties.sort_values("people", ascending=False, kind="stable").to_csv(index=False), end="")
