"""``runfolio.autolog()``: trainings log by themselves, by the public hooks of each library."""
