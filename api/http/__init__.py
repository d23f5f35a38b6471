"""HTTP: the application for many people at once, who may each do what their role allows."""
