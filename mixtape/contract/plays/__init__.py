"""Level plays: plays of tracks are counted, and make a chart."""
