"""A possessive loop makes one round after those that must be, even if the last of them matched nothing."""
import re

for pattern in (r"(?P<n>(x{,2})?(?(1)[\W\d]))++", r"(a?(?(1)b))++", r"(a?(?(1)b))*+", r"(a?(?(1)b)){2,}+", r"(?:a?(?:b|))++", r"(a?(?(1)b)){1,2}+"):
    for subject in ("_a-a1", "abb", "bbb", "", "aab"):
        print(pattern, subject, [(m.span(), m.groups()) for m in re.finditer(pattern, subject)])
