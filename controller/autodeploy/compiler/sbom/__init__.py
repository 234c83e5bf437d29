"""What a build has put in: found in the files themselves, told as a CycloneDX document.

One file an ecosystem; `document.py` writes.
"""

from autodeploy.compiler.sbom.package import Package

__all__ = ["Package"]
