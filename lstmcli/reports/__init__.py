"""Reports: for a terminal and as JSON or CSV (`text`), as pages (`html`), as pictures (`pictures`)."""
