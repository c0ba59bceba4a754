"""tepei_admin: the panel of the yearly training programme for minority professionals (特培计划)."""

__version__ = "0.1.0"
