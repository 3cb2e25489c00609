"""Who spoke at what, by year: python docs/examples/speakers_by_year.py OUT."""

import sys

from pipeline import read_tables

tables = read_tables(sys.argv[1])
talks = tables["reports"].dropna(subset=["person_id"])
talks = talks.merge(tables["people"][["person_id", "name"]], on="person_id")
talks = talks.merge(tables["documents"][["document_id", "date"]], on="document_id", suffixes=("", "_document"))
# The date that the text gives the talk; where it gives none, that of the document.
talks["year"] = talks["date"].fillna(talks["date_document"]).str.extract(r"^(\d{4})", expand=False)
talks = talks.sort_values(["year", "name", "title"]).drop_duplicates(["year", "name", "title"])
print(talks[["year", "name", "title"]].to_csv(index=False), end="")
