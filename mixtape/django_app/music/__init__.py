"""The app: tracks, playlists and plays, stored by Django and shown by REST framework."""
