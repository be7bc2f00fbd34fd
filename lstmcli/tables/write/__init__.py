"""What is written: forecasts as lines (`lines`) or in any form (`forms`), other tables (`tables`), and the
files or standard output that they go to, whole or not at all (`files`)."""
