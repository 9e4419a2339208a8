"""The commands behind ``course.py``.

Standard library only: they run before anything is installed.
"""
