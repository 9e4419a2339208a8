"""The one command of this course: ``python course.py --help`` lists what it does.

The file stays readable for very old Pythons, so that they can say which Python is needed.
"""

import sys

if sys.version_info < (3, 11):
    sys.stderr.write(
        "course.py needs Python 3.11 to 3.14, and this is Python {0}.{1}.{2}.\n"
        "Install a newer one (python.org, your package manager, or: uv python install 3.13)\n"
        "and start the course with it, for example: {3} course.py learn\n".format(
            sys.version_info[0],
            sys.version_info[1],
            sys.version_info[2],
            "py -3.13" if sys.platform == "win32" else "python3.13",
        )
    )
    sys.exit(2)
else:
    from launcher.main import main

    if __name__ == "__main__":
        sys.exit(main(sys.argv[1:]))
