"""OpenDocument texts and presentations (ISO/IEC 26300), by a walk through their XML."""
