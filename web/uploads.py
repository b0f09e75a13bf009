"""What comes in with a form's files: too much is let go of at the door, and the form says so."""

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

ROOM_FOR_FIELDS = 1024 * 1024
FILES_AT_ONCE = 4


class Capped(FileUploadHandler):
    """Stands before the handlers that store: passes on what one file may hold, and drops the rest unread.

    The form gets a file without content that tells its true size, so that the person reads why. A body that
    no form of ours sends ends the request.
    """

    def handle_raw_input(  # type: ignore[override]
        self, input_data: Any, meta: Any, content_length: int, *_: Any, **__: Any
    ) -> None:
        if content_length > FILES_AT_ONCE * settings.FILE_LARGEST + ROOM_FOR_FIELDS:
            raise RequestDataTooBig("The request is larger than all files that one may send at once.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data if start + len(raw_data) <= settings.FILE_LARGEST else None

    def file_complete(self, file_size: int) -> "UploadedFile[bytes] | None":
        if file_size <= settings.FILE_LARGEST:
            return None
        return UploadedFile(BytesIO(), name=self.file_name, content_type=self.content_type, size=file_size)
