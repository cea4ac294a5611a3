"""The bucket: objects, multipart uploads, job documents, presigned addresses."""
