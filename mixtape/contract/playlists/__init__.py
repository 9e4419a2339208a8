"""Level playlists: tracks can be put in order; what a playlist holds is not deleted."""
