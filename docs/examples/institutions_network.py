"""The network of institutions: what ties them and how often: python docs/examples/institutions_network.py OUT.

Two institutions are tied by each person who is said to be at both, and by each event at which people of both spoke.
The output is a table of edges, which networkx, Gephi and R read as it is.
"""

import sys

import pandas as pd

from pipeline import read_tables

tables = read_tables(sys.argv[1])


def pairs(rows: pd.DataFrame, by: list[str], name: str) -> pd.DataFrame:
    """Every two institutions that stand beside the same thing, with the number of such things."""
    rows = rows.dropna(subset=[*by, "institution_name"])[[*by, "institution_name"]].drop_duplicates()
    both = rows.merge(rows, on=by, suffixes=("_a", "_b"))
    both = both[both["institution_name_a"] < both["institution_name_b"]]
    return both.groupby(["institution_name_a", "institution_name_b"]).size().rename(name).reset_index()


people = pairs(tables["affiliations_named"], ["person_id"], "people")
events = pairs(tables["reports_named"], ["event_id"], "events")
ties = people.merge(events, how="outer", on=["institution_name_a", "institution_name_b"])
ties = ties.fillna({"people": 0, "events": 0}).astype({"people": int, "events": int})
ties.columns = ["source", "target", "people", "events"]
ties = ties.sort_values(["people", "events", "source", "target"], ascending=[False, False, True, True])
print(ties.to_csv(index=False), end="")
