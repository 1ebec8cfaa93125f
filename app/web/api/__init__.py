"""What machines ask for: health and, later, the public interface."""
