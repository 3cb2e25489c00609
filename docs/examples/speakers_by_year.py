"""Who spoke at what, by year: python docs/examples/speakers_by_year.py OUT."""

import sys

from pipeline import read_tables

# Reports with the names of speaker, institution and event; `year` is that of the talk, or of the document.
talks = read_tables(sys.argv[1])["reports_named"].dropna(subset=["person_name"])
# Names of events stand as in the text, with its line breaks.
talks["event"] = talks["event_title"].str.split().str.join(" ")
columns = ["year", "person_name", "institution_name", "title_normalised", "event"]
# Several documents may announce one talk.
talks = talks[columns].sort_values(columns).drop_duplicates(["year", "person_name", "title_normalised"])
print(talks.to_csv(index=False), end="")
