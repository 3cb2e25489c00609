"""Careers: person, role, institution, first and last seen: python docs/examples/careers.py OUT."""

import sys

from pipeline import read_tables

tables = read_tables(sys.argv[1])
said = tables["affiliations"].dropna(subset=["person_id", "role_id"])
said = said.merge(tables["people"][["person_id", "name"]], on="person_id")
places = tables["institutions"][["institution_id", "name"]].rename(columns={"name": "place"})
said = said.merge(places, on="institution_id", how="left")
# A date without its year, such as XXXX-04-08, cannot be put in order.
said["date"] = said["date"].where(said["date"].str.match(r"\d{4}", na=False))
careers = said.groupby(["name", "role_id", "place"], dropna=False).agg(
    first=("date", "min"), last=("date", "max"), documents=("document_id", "nunique")
)
print(careers.reset_index().to_csv(index=False), end="")
