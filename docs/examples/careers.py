"""Careers: person, role, institution, first and last seen: python docs/examples/careers.py OUT."""

import sys

from pipeline import read_tables

said = read_tables(sys.argv[1])["affiliations_named"].dropna(subset=["person_name", "role_name"])
# A date without its year, such as XXXX-04-08, cannot be put in order.
said["seen"] = said["date"].where(said["date"].str.match(r"\d{4}", na=False))
careers = said.groupby(["person_name", "role_name", "institution_name"], dropna=False).agg(
    first_seen=("seen", "min"), last_seen=("seen", "max"), documents=("document_id", "nunique")
)
# A person's steps in the order of time.
careers = careers.reset_index().sort_values(["person_name", "first_seen", "role_name"], kind="stable")
print(careers.to_csv(index=False), end="")
