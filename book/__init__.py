"""What turns the notebooks into the published book: Sphinx extension, styles, generated pages."""
