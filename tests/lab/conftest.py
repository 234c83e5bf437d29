"""The lab for tests."""

from labfixtures import boot, lab, lab_images, module_boot, site

__all__ = ["boot", "lab", "lab_images", "module_boot", "site"]
