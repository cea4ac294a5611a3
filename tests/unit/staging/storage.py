"""S3 as staging uses it, with what moto lacks: uploads begun in the world's time, and conditional deletes."""

# ruff: noqa: N803  # the arguments of AWS clients are written so
from __future__ import annotations

from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from tests.unit.staging.message_queue import Clock


class Storage:
    """An S3 client."""

    def __init__(self, client: Any, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._begun: dict[str, datetime] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def create_multipart_upload(self, **named: Any) -> Any:
        answer = self._client.create_multipart_upload(**named)
        self._begun[answer["UploadId"]] = self._clock.now().replace(microsecond=0)
        return answer

    def list_multipart_uploads(self, **named: Any) -> Any:
        answer = self._client.list_multipart_uploads(**named)
        for upload in answer.get("Uploads", []):
            upload["Initiated"] = self._begun[upload["UploadId"]]
        return answer

    def delete_objects(self, *, Bucket: str, Delete: dict[str, Any]) -> Any:
        """Objects that are another than their ETag says stay (S3 user guide, conditional deletes)."""
        errors = [
            {"Key": each["Key"], "Code": "PreconditionFailed"}
            for each in Delete["Objects"]
            if "ETag" in each and self._etag(Bucket, each["Key"]) not in {each["ETag"], ""}
        ]
        kept = {error["Key"] for error in errors}
        if rest := [{"Key": each["Key"]} for each in Delete["Objects"] if each["Key"] not in kept]:
            self._client.delete_objects(Bucket=Bucket, Delete={"Objects": rest, "Quiet": True})
        return {"Errors": errors} if errors else {}

    def _etag(self, bucket: str, key: str) -> str:
        try:
            return str(self._client.head_object(Bucket=bucket, Key=key)["ETag"])
        except ClientError:
            return ""
