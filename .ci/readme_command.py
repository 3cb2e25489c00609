"""Print a command of the README: the shell block that follows the comment `<!-- ci: NAME -->`."""

import re
import sys
from pathlib import Path

readme, name = Path(sys.argv[1]), sys.argv[2]
found = re.search(rf"<!-- ci: {name} -->\s*```(?:sh|bash|console)\n(.*?)```", readme.read_text(encoding="utf-8"), re.S)
if found is None:
    sys.exit(f"{readme} has no shell block after <!-- ci: {name} -->")
print(found[1])
