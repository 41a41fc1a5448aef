"""nbgrader's own tests of its exchange, by name: which pass on ours, and which cannot apply.

A test cannot apply when it looks into `Exchange.root`, a folder that ours does not have. What such a test
promises to people is promised by a test of ours, named beside it.
"""

from __future__ import annotations

PASS: dict[str, tuple[str, ...]] = {
    "fetch_assignment": (
        "test_help",
        "test_no_course_id",
        "test_fetch",
        "test_deprecated",
        "test_fetch_with_assignment_flag",
        "test_fetch_multiple_courses",
        "test_fetch_multiple_assignments",
    ),
    "submit": (
        "test_help",
        "test_no_course_id",
        "test_submit_extra",
        "test_submit_extra_strict",
        "test_submit_missing",
        "test_submit_missing_strict",
        "test_submit_assignment_flag",
        "test_submit_with_student_id",
        "test_submit_max_dir_size",
    ),
    "list": (
        "test_help",
        "test_list_released",
        "test_list_fetched",
        "test_list_remove_outbound",
        "test_list_cached",
        "test_list_remove_cached",
        "test_list_cached_and_inbound",
    ),
    "collect": (
        "test_help",
        "test_no_course_id",
        "test_collect",
        "test_collect_assignment_flag",
        "test_collect_subdirectories",
        "test_owner_check",
        "test_collect_before_due_date",
    ),
    "releaseassignment": ("test_help", "test_no_course_id"),
    "releasefeedback": ("test_help", "test_second_argument", "test_no_argument"),
    "fetchfeedback": ("test_help", "test_single_file"),
}

CANNOT_APPLY: dict[str, dict[str, str]] = {
    "fetch_assignment": {},
    "submit": {
        "test_submit": "reads inbound/ (ours: test_lab_submit.py, a submission is listed with the server's time)",
        "test_submit_readonly": "reads the permissions of inbound/ (ours: a read-only file is handed in)",
        "test_submit_multiple_courses": "reads inbound/ of two courses (ours: the same assignment in two courses)",
        "test_submit_exclude": "reads inbound/ (ours: what is ignored, not included or too large stays at home)",
        "test_submit_include": "reads inbound/ (ours: what is ignored, not included or too large stays at home)",
        "test_submit_max_file_size": "reads inbound/ (ours: what is ignored, not included or too large stays at home)",
    },
    "list": {
        "test_list_inbound": "takes times from names in inbound/ (ours: staff list what came in, in order)",
        "test_list_inbound_no_random_string": "the same, and about names of folders in inbound/",
        "test_list_remove_inbound": "deletes from inbound/; our submissions are kept for ever (ours: removing leaves them)",
        "test_list_without_random_string": "about names of folders in inbound/",
        "test_list_feedback_inbound": "changes a file in the exchange's feedback/ (ours: feedback is ready, fetched, updated)",
        "test_list_feedback_cached": "changes a file in the exchange's feedback/ (ours: feedback is ready, fetched, updated)",
    },
    "collect": {"test_permissions": "reads the permissions of inbound/"},
    "releaseassignment": {
        "test_release": "reads outbound/ (ours: a release is a version)",
        "test_release_deprecated": "reads outbound/",
        "test_force_release": "deletes from outbound/ (ours: force makes a new version and keeps submissions)",
        "test_force_release_f": "deletes from outbound/ (ours: force makes a new version and keeps submissions)",
        "test_release_with_assignment_flag": "reads outbound/",
        "test_no_exchange": "deletes Exchange.root",
        "test_exchange_bad_perms": "changes the permissions of Exchange.root",
        "test_permissions": "reads the permissions of outbound/",
    },
    "releasefeedback": {
        "test_single_file": "reads feedback/ (ours: feedback reaches the submission that it speaks of)",
        "test_single_student": "reads feedback/ (ours: feedback of one student, or of all but some)",
        "test_student_id_exclude": "reads feedback/ (ours: feedback of one student, or of all but some)",
        "test_permissions": "reads the permissions of feedback/",
    },
    "fetchfeedback": {},
}
