"""The lab, for properties of what runs on hosts."""

from labfixtures import lab, lab_images, module_boot

__all__ = ["lab", "lab_images", "module_boot"]
