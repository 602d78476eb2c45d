"""Every door of the site by every role: what each must answer, in one table.

A door is a method and the name of an address (its route, where it has no name); a name may have
wildcards. Doors are found in the host's addresses, so a new one without a row fails its test, which
prints the row as the door behaves now: judge it, then put it here. ``python -m tests.doors`` writes
docs/doors.md.

A cell is what the role gets for **Ada's** rows:

    in    sent to a sign-in page           away  the admin's start page: "there is no such object"
    302   done, and sent on                del   done, and Ada's row is gone
    200   an answer that names no learner; letters after it are the learners whom it names:
          a, b of Ada's class, c of another class of the course, d of another course
    a number is the status otherwise: 401 not signed in, 403, 404, 405, 400 …
"""

from __future__ import annotations

from pathlib import Path

ROLES = (
    "nobody", "self", "peer", "teacher", "co_teacher", "course_teacher", "other_class",
    "other_course", "school_admin", "other_school", "staff", "clerk", "owner",
)  # fmt: skip

# fmt: off
DOORS: dict[str, str] = {
    "GET home":                                                "200    200a   200b   200    200    200    200    200    200    200    200    200    200",
    "POST home":                                               "405",
    "GET tutor_emotion_lessons:progress":                      "in     200a   200b   200    200    200    200    200    200    200    200    200    200",
    "POST tutor_emotion_lessons:progress":                     "405",
    "GET tutor_emotion_lessons:lesson":                        "in     200a   200b   200    200    200    200    200    200    200    200    200    200",
    "POST tutor_emotion_lessons:lesson":                       "405",
    "GET tutor_emotion_lessons:answer_form":                   "in     302    302    302    302    302    302    302    302    302    302    302    302",
    "POST tutor_emotion_lessons:answer_form":                  "in     200a   200b   200    200    200    200    200    200    200    200    200    200",
    "GET tutor_emotion_lessons:content":                       "401    200    200    200    200    200    200    200    200    200    200    200    200",
    "POST tutor_emotion_lessons:content":                      "405",
    "GET tutor_emotion_lessons:answer":                        "405",
    "POST tutor_emotion_lessons:answer":                       "401    200    200    200    200    200    200    200    200    200    200    200    200",
    "GET tutor_emotion_lessons:next":                          "401    200    200    200    200    200    200    200    200    200    200    200    200",
    "POST tutor_emotion_lessons:next":                         "405",
    "GET tutor_emotion_lessons:carried_out":                   "405",
    "POST tutor_emotion_lessons:carried_out":                  "401    204    204    404    404    404    404    404    404    404    404    404    404",
    "GET tutor_emotion:setup":                                 "401    200    403    403    403    403    403    403    403    403    403    403    403",
    "POST tutor_emotion:setup":                                "405",
    "GET tutor_emotion:consents":                              "405",
    "POST tutor_emotion:consents":                             "401    200    403    403    403    403    403    403    403    403    403    403    403",
    "GET tutor_emotion:sessions":                              "405",
    "POST tutor_emotion:sessions":                             "401    201    403    403    403    403    403    403    403    403    403    403    403",
    "GET tutor_emotion:session":                               "401    200a   404    404    404    404    404    404    404    404    404    404    404",
    "POST tutor_emotion:session":                              "405",
    "GET tutor_emotion:classroom":                             "in     404    404    200    200    200    200    404    200    200    404    404    200",
    "POST tutor_emotion:classroom":                            "405",
    "GET tutor_emotion:timeline":                              "in     404    404    200a   200a   200a   404    404    200a   404    404    404    200a",
    "POST tutor_emotion:timeline":                             "405",
    "GET tutor_emotion:reports":                               "in     404    404    200    200    200    200    404    200    200    404    404    200",
    "POST tutor_emotion:reports":                              "405",
    "GET tutor_emotion:report-csv":                            "in     404    404    200ab  200ab  200abc 200c   404    200ab  200c   404    404    200abc",
    "POST tutor_emotion:report-csv":                           "405",
    "GET tutor_emotion:report":                                "in     404    404    200    200    200    200    404    200    200    404    404    200",
    "POST tutor_emotion:report":                               "405",
    "GET login":                                               "200    302    302    302    302    302    302    302    302    302    302    302    302",
    "POST login":                                              "200    302    302    302    302    302    302    302    302    302    302    302    302",
    "GET logout":                                              "405",
    "POST logout":                                             "302",
    "GET account_login":                                      "200    302    302    302    302    302    302    302    302    302    302    302    302",
    "POST account_login":                                     "200    302    302    302    302    302    302    302    302    302    302    302    302",
    "GET account_logout":                                     "405",
    "POST account_logout":                                    "302",
    "GET account_signup":                                     "404",
    "POST account_signup":                                    "404",
    "GET account_inactive":                                   "200    200a   200b   200    200    200    200    200    200    200    200    200    200",
    "POST account_inactive":                                  "405",
    "GET account_reauthenticate":                             "in     200a   200b   200    200    200    200    200    200    200    200    200    200",
    "POST account_reauthenticate":                            "in     200a   200b   200    200    200    200    200    200    200    200    200    200",
    "GET mfa_index":                                          "in     200a   200b   200    200    200    200    200    200    200    200    200    200",
    "POST mfa_index":                                         "in     405    405    405    405    405    405    405    405    405    405    405    405",
    "GET mfa_authenticate":                                   "in     302    302    302    302    302    302    302    302    302    302    302    302",
    "POST mfa_authenticate":                                  "in     302    302    302    302    302    302    302    302    302    302    302    302",
    "GET mfa_reauthenticate":                                 "in     302    302    302    302    302    302    302    302    302    302    302    302",
    "POST mfa_reauthenticate":                                "in     302    302    302    302    302    302    302    302    302    302    302    302",
    "GET mfa_activate_totp":                                  "in     302    302    302    302    302    302    302    302    302    302    302    302",
    "POST mfa_activate_totp":                                 "in     302    302    302    302    302    302    302    302    302    302    302    302",
    "GET mfa_deactivate_totp":                                "in     404    404    404    404    404    404    404    404    404    404    404    404",
    "POST mfa_deactivate_totp":                               "in     404    404    404    404    404    404    404    404    404    404    404    404",
    "GET mfa_view_recovery_codes":                            "in     404    404    404    404    404    404    404    404    404    404    404    404",
    "POST mfa_view_recovery_codes":                           "in     405    405    405    405    405    405    405    405    405    405    405    405",
    "GET mfa_generate_recovery_codes":                        "in     302    302    302    302    302    302    302    302    302    302    302    302",
    "POST mfa_generate_recovery_codes":                       "in     302    302    302    302    302    302    302    302    302    302    302    302",
    "GET mfa_download_recovery_codes":                        "in     404    404    404    404    404    404    404    404    404    404    404    404",
    "POST mfa_download_recovery_codes":                       "in     404    404    404    404    404    404    404    404    404    404    404    404",
    "GET set_language":                                        "302",
    "POST set_language":                                       "302",
    "GET tutor_emotion:who-looked":                            "in     200a   200b   200    200    200    200    200    200    200    200    200    200",
    "POST tutor_emotion:who-looked":                           "405",
    "GET healthz":                                             "200",
    "GET metrics":                                             "404",
    "POST metrics":                                            "405",
    "GET readyz":                                              "200",
    "GET tutor_emotion:session-ticket":                        "405",
    "POST tutor_emotion:session-ticket":                       "401    200    404    404    404    404    404    404    404    404    404    404    404",
    "GET tutor_emotion:about":                                 "200    200a   200b   200    200    200    200    200    200    200    200    200    200",
    "POST tutor_emotion:about":                                "405",
    "GET tutor_emotion:card":                                  "200",
    "POST tutor_emotion:card":                                 "405",
    "GET tutor_emotion:classroom-ticket":                      "405",
    "POST tutor_emotion:classroom-ticket":                     "401    403    403    200    200    200    200    403    200    200    403    403    200",
    "GET tutor_emotion:guardian":                              "200a",
    "POST tutor_emotion:guardian":                             "200a",
    "GET tutor_emotion:my-data":                               "in     200a   404    404    404    404    404    404    200a   404    404    404    200a",
    "POST tutor_emotion:my-data":                              "405",
    "GET tutor_emotion:erase-my-data":                         "405",
    "POST tutor_emotion:erase-my-data":                        "in     302    302    302    302    302    302    302    302    302    302    302    302",
    "GET admin/(?P<url>.*)$":                                  "in     in     in     404    404    404    404    404    404    404    404    404    404",
    "GET admin/*/<path:object_id>/":                           "in     in     in     302    302    302    302    302    302    302    302    302    302",
    "GET admin:app_list":                                      "in     in     in     200    200    200    200    200    200    200    404    404    200",
    "GET admin:autocomplete":                                  "in     in     in     403    403    403    403    403    403    403    403    403    200abcd",
    "GET admin:index":                                         "in     in     in     200    200    200    200    200    200    200    200    200    200",
    "GET admin:jsi18n":                                        "in     in     in     200    200    200    200    200    200    200    200    200    200",
    "GET admin:login":                                        "in     403    403    away   away   away   away   away   away   away   away   away   away",
    "POST admin:login":                                       "in     403    403    200    200    200    200    200    200    200    200    200    200",
    "GET admin:logout":                                        "away   away   away   405    405    405    405    405    405    405    405    405    405",
    "POST admin:logout":                                       "away   away   away   302    302    302    302    302    302    302    302    302    302",
    "GET admin:password_change":                               "in     in     in     200    200    200    200    200    200    200    200    200    200",
    "POST admin:password_change":                              "in     in     in     200    200    200    200    200    200    200    200    200    200",
    "GET admin:password_change_done":                          "in     in     in     200    200    200    200    200    200    200    200    200    200",
    "GET admin:search":                                        "in     in     in     200    200    200    200    200    200    200    200    200    200",
    "GET admin:view_on_site":                                  "in     in     in     404    404    404    404    404    404    404    404    404    404",
    "GET admin:auth_group_changelist":                         "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "POST admin:auth_group_changelist":                        "in     in     in     403    403    403    403    403    403    403    403    403    del",
    "GET admin:auth_group_add":                                "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "POST admin:auth_group_add":                               "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "GET admin:auth_group_change":                             "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "POST admin:auth_group_change":                            "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "GET admin:auth_group_delete":                             "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "POST admin:auth_group_delete":                            "in     in     in     403    403    403    403    403    403    403    403    403    del",
    "GET admin:auth_group_history":                            "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "GET admin:auth_user_changelist":                          "in     in     in     403    403    403    403    403    403    403    403    403    200abcd",
    "POST admin:auth_user_changelist":                         "in     in     in     403    403    403    403    403    403    403    403    403    del",
    "GET admin:auth_user_add":                                 "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "POST admin:auth_user_add":                                "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "GET admin:auth_user_change":                              "in     in     in     403    403    403    403    403    403    403    403    403    200a",
    "POST admin:auth_user_change":                             "in     in     in     403    403    403    403    403    403    403    403    403    200a",
    "GET admin:auth_user_delete":                              "in     in     in     403    403    403    403    403    403    403    403    403    200a",
    "POST admin:auth_user_delete":                             "in     in     in     403    403    403    403    403    403    403    403    403    del",
    "GET admin:auth_user_history":                             "in     in     in     403    403    403    403    403    403    403    403    403    200a",
    "GET admin:auth_user_password_change":                     "in     in     in     403    403    403    403    403    403    403    403    403    200a",
    "POST admin:auth_user_password_change":                    "in     in     in     403    403    403    403    403    403    403    403    403    200a",
    "GET admin:mfa_authenticator_changelist":                 "in     in     in     403    403    403    403    403    403    403    403    403    200a",
    "POST admin:mfa_authenticator_changelist":                "in     in     in     403    403    403    403    403    403    403    403    403    del",
    "GET admin:mfa_authenticator_add":                        "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "POST admin:mfa_authenticator_add":                       "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:mfa_authenticator_history":                    "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "GET admin:mfa_authenticator_delete":                     "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "POST admin:mfa_authenticator_delete":                    "in     in     in     403    403    403    403    403    403    403    403    403    del",
    "GET admin:mfa_authenticator_change":                     "in     in     in     403    403    403    403    403    403    403    403    403    200a",
    "POST admin:mfa_authenticator_change":                    "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_adaptationrecord_changelist":     "in     in     in     200ab  200ab  200abc 200c   200d   200ab  200c   403    403    200abcd",
    "POST admin:tutor_emotion_adaptationrecord_changelist":    "in     in     in     200ab  200ab  200abc 200c   200d   200ab  200c   403    403    del",
    "GET admin:tutor_emotion_adaptationrecord_add":            "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "POST admin:tutor_emotion_adaptationrecord_add":           "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_adaptationrecord_change":         "in     in     in     200a   200a   200a   away   away   200a   away   403    403    200a",
    "POST admin:tutor_emotion_adaptationrecord_change":        "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_adaptationrecord_delete":         "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "POST admin:tutor_emotion_adaptationrecord_delete":        "in     in     in     403    403    403    403    403    403    403    403    403    del",
    "GET admin:tutor_emotion_adaptationrecord_history":        "in     in     in     200    200    200    away   away   200    away   away   away   200",
    "GET admin:tutor_emotion_affectsignalrecord_changelist":   "in     in     in     200ab  200ab  200abc 200c   200d   200ab  200c   403    403    200abcd",
    "POST admin:tutor_emotion_affectsignalrecord_changelist":  "in     in     in     200ab  200ab  200abc 200c   200d   200ab  200c   403    403    del",
    "GET admin:tutor_emotion_affectsignalrecord_add":          "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "POST admin:tutor_emotion_affectsignalrecord_add":         "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_affectsignalrecord_change":       "in     in     in     200a   200a   200a   away   away   200a   away   403    403    200a",
    "POST admin:tutor_emotion_affectsignalrecord_change":      "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_affectsignalrecord_delete":       "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "POST admin:tutor_emotion_affectsignalrecord_delete":      "in     in     in     403    403    403    403    403    403    403    403    403    del",
    "GET admin:tutor_emotion_affectsignalrecord_history":      "in     in     in     200    200    200    away   away   200    away   away   away   200",
    "GET admin:tutor_emotion_consent_changelist":              "in     in     in     403    403    403    403    403    403    403    403    403    200abcd",
    "POST admin:tutor_emotion_consent_changelist":             "in     in     in     403    403    403    403    403    403    403    403    403    del",
    "GET admin:tutor_emotion_consent_add":                     "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "POST admin:tutor_emotion_consent_add":                    "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_consent_change":                  "in     in     in     403    403    403    403    403    403    403    403    403    200a",
    "POST admin:tutor_emotion_consent_change":                 "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_consent_delete":                  "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "POST admin:tutor_emotion_consent_delete":                 "in     in     in     403    403    403    403    403    403    403    403    403    del",
    "GET admin:tutor_emotion_consent_history":                 "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "GET admin:tutor_emotion_course_changelist":               "in     in     in     200    200    200    200    200    200    200    403    403    200",
    "POST admin:tutor_emotion_course_changelist":              "in     in     in     302    302    302    302    302    302    302    403    403    del",
    "GET admin:tutor_emotion_course_add":                      "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "POST admin:tutor_emotion_course_add":                     "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "GET admin:tutor_emotion_course_change":                   "in     in     in     200    200    200    200    away   200    200    403    403    200",
    "POST admin:tutor_emotion_course_change":                  "in     in     in     403    403    200    403    away   403    403    403    403    200",
    "GET admin:tutor_emotion_course_delete":                   "in     in     in     403    403    403    403    403    403    403    403    403    200abc",
    "POST admin:tutor_emotion_course_delete":                  "in     in     in     403    403    403    403    403    403    403    403    403    del",
    "GET admin:tutor_emotion_course_history":                  "in     in     in     200ab  200ab  200abc 200c   404    200ab  200c   404    404    200abc",
    "GET admin:tutor_emotion_course_pause":                    "in     in     in     405    405    405    405    405    405    405    405    405    405",
    "POST admin:tutor_emotion_course_pause":                   "in     in     in     403    403    302    403    404    403    403    404    404    302",
    "GET admin:tutor_emotion_course_resume":                   "in     in     in     405    405    405    405    405    405    405    405    405    405",
    "POST admin:tutor_emotion_course_resume":                  "in     in     in     403    403    302    403    404    403    403    404    404    302",
    "GET admin:tutor_emotion_course_what_if":                  "in     in     in     405    405    405    405    405    405    405    405    405    405",
    "POST admin:tutor_emotion_course_what_if":                 "in     in     in     403    403    400    403    404    403    403    404    404    400",
    "GET admin:tutor_emotion_enrol":                           "in     in     in     200    403    200    200    200    200    200    403    403    200",
    "POST admin:tutor_emotion_enrol":                          "in     in     in     400    403    400    400    400    400    400    403    403    400",
    "GET admin:tutor_emotion_enrol_template":                  "in     in     in     200    200    200    200    200    200    200    200    200    200",
    "POST admin:tutor_emotion_enrol_template":                 "in     in     in     405    405    405    405    405    405    405    405    405    405",
    "GET admin:tutor_emotion_enrolment_changelist":            "in     in     in     200ab  200ab  200abc 200c   403    200ab  200c   403    403    200abc",
    "POST admin:tutor_emotion_enrolment_changelist":           "in     in     in     del    200ab  del    302    403    del    302    403    403    del",
    "GET admin:tutor_emotion_enrolment_add":                   "in     in     in     200    403    200    200    403    200    200    403    403    200",
    "POST admin:tutor_emotion_enrolment_add":                  "in     in     in     200    403    200    200    403    200    200    403    403    200",
    "GET admin:tutor_emotion_enrolment_change":                "in     in     in     200a   200a   200a   away   403    200a   away   403    403    200a",
    "POST admin:tutor_emotion_enrolment_change":               "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_enrolment_delete":                "in     in     in     200a   403    200a   away   403    200a   away   403    403    200a",
    "POST admin:tutor_emotion_enrolment_delete":               "in     in     in     del    403    del    away   403    del    away   403    403    del",
    "GET admin:tutor_emotion_enrolment_history":               "in     in     in     200a   200a   200a   away   away   200a   away   away   away   200a",
    "GET admin:tutor_emotion_erase":                           "in     in     in     403    403    403    403    403    200a   403    403    403    200a",
    "POST admin:tutor_emotion_erase":                          "in     in     in     403    403    403    403    403    del    403    403    403    del",
    "GET admin:tutor_emotion_erasurerecord_changelist":        "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "POST admin:tutor_emotion_erasurerecord_changelist":       "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "GET admin:tutor_emotion_erasurerecord_add":               "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "POST admin:tutor_emotion_erasurerecord_add":              "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_erasurerecord_change":            "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "POST admin:tutor_emotion_erasurerecord_change":           "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_erasurerecord_delete":            "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "POST admin:tutor_emotion_erasurerecord_delete":           "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_erasurerecord_history":           "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "GET admin:tutor_emotion_erasurerequest_changelist":       "in     in     in     403    403    403    403    403    200a   200    403    403    200a",
    "POST admin:tutor_emotion_erasurerequest_changelist":      "in     in     in     403    403    403    403    403    200a   200    403    403    200a",
    "GET admin:tutor_emotion_erasurerequest_add":              "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "POST admin:tutor_emotion_erasurerequest_add":             "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_erasurerequest_change":           "in     in     in     403    403    403    403    403    200a   away   403    403    200a",
    "POST admin:tutor_emotion_erasurerequest_change":          "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_erasurerequest_delete":           "in     in     in     403    403    403    403    403    200a   away   403    403    200a",
    "POST admin:tutor_emotion_erasurerequest_delete":          "in     in     in     403    403    403    403    403    del    away   403    403    del",
    "GET admin:tutor_emotion_erasurerequest_history":          "in     in     in     away   away   away   away   away   200a   away   away   away   200a",
    "GET admin:tutor_emotion_experiment_changelist":           "in     in     in     403    403    200    403    403    403    403    403    403    200",
    "POST admin:tutor_emotion_experiment_changelist":          "in     in     in     403    403    del    403    403    403    403    403    403    del",
    "GET admin:tutor_emotion_experiment_add":                  "in     in     in     403    403    200    403    200    403    403    403    403    200",
    "POST admin:tutor_emotion_experiment_add":                 "in     in     in     403    403    200    403    200    403    403    403    403    200",
    "GET admin:tutor_emotion_experiment_change":               "in     in     in     403    403    200    403    403    403    403    403    403    200",
    "POST admin:tutor_emotion_experiment_change":              "in     in     in     403    403    200    403    403    403    403    403    403    200",
    "GET admin:tutor_emotion_experiment_delete":               "in     in     in     403    403    200    403    403    403    403    403    403    200",
    "POST admin:tutor_emotion_experiment_delete":              "in     in     in     403    403    del    403    403    403    403    403    403    del",
    "GET admin:tutor_emotion_experiment_history":              "in     in     in     404    404    200    404    404    404    404    404    404    200",
    "GET admin:tutor_emotion_experiment_end":                  "in     in     in     405    405    405    405    405    405    405    405    405    405",
    "POST admin:tutor_emotion_experiment_end":                 "in     in     in     404    404    302    404    404    404    404    404    404    302",
    "GET admin:tutor_emotion_experiment_exposures":            "in     in     in     404    404    200a   404    404    404    404    404    404    200a",
    "POST admin:tutor_emotion_experiment_exposures":           "in     in     in     405    405    405    405    405    405    405    405    405    405",
    "GET admin:tutor_emotion_experiment_results":              "in     in     in     404    404    200    404    404    404    404    404    404    200",
    "POST admin:tutor_emotion_experiment_results":             "in     in     in     405    405    405    405    405    405    405    405    405    405",
    "GET admin:tutor_emotion_experiment_start":                "in     in     in     405    405    405    405    405    405    405    405    405    405",
    "POST admin:tutor_emotion_experiment_start":               "in     in     in     404    404    302    404    404    404    404    404    404    302",
    "GET admin:tutor_emotion_fairness":                        "in     in     in     403    403    403    403    403    200    200    403    403    200",
    "GET admin:tutor_emotion_operator":                        "in     in     in     403    403    403    403    403    403    403    403    200    200",
    "POST admin:tutor_emotion_operator":                       "in     in     in     405    405    405    405    405    405    405    405    405    405",
    "POST admin:tutor_emotion_fairness":                       "in     in     in     405    405    405    405    405    405    405    405    405    405",
    "GET admin:tutor_emotion_guardianlink_changelist":         "in     in     in     200a   403    200a   200    403    200a   200    403    403    200a",
    "POST admin:tutor_emotion_guardianlink_changelist":        "in     in     in     302    403    302    302    403    302    302    403    403    302",
    "GET admin:tutor_emotion_guardianlink_add":                "in     in     in     200ab  403    200abc 200c   403    200ab  200c   403    403    200abc",
    "POST admin:tutor_emotion_guardianlink_add":               "in     in     in     200ab  403    200abc 200c   403    200ab  200c   403    403    200abc",
    "GET admin:tutor_emotion_guardianlink_change":             "in     in     in     200a   403    200a   away   403    200a   away   403    403    200a",
    "POST admin:tutor_emotion_guardianlink_change":            "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_guardianlink_delete":             "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "POST admin:tutor_emotion_guardianlink_delete":            "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_guardianlink_history":            "in     in     in     200    away   200    away   away   200    away   away   away   200",
    "GET admin:tutor_emotion_killswitch_changelist":           "in     in     in     403    403    403    403    403    200    200    403    403    200",
    "POST admin:tutor_emotion_killswitch_changelist":          "in     in     in     403    403    403    403    403    200    200    403    403    200",
    "GET admin:tutor_emotion_killswitch_add":                  "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "POST admin:tutor_emotion_killswitch_add":                 "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_killswitch_change":               "in     in     in     403    403    403    403    403    200    away   403    403    200",
    "POST admin:tutor_emotion_killswitch_change":              "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_killswitch_delete":               "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "POST admin:tutor_emotion_killswitch_delete":              "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_killswitch_history":              "in     in     in     away   away   away   away   away   200    away   away   away   200",
    "GET admin:tutor_emotion_learnerrecord_changelist":        "in     in     in     200ab  403    200abc 200c   403    200ab  200c   403    403    200abcd",
    "POST admin:tutor_emotion_learnerrecord_changelist":       "in     in     in     200ab  403    200abc 200c   403    200ab  200c   403    403    200abcd",
    "GET admin:tutor_emotion_learnerrecord_add":               "in     in     in     200    403    200    200    403    200    200    403    403    200",
    "POST admin:tutor_emotion_learnerrecord_add":              "in     in     in     200    403    200    200    403    200    200    403    403    200",
    "GET admin:tutor_emotion_learnerrecord_change":            "in     in     in     200a   403    200a   away   403    200a   away   403    403    200a",
    "POST admin:tutor_emotion_learnerrecord_change":           "in     in     in     302    403    302    away   403    302    away   403    403    302",
    "GET admin:tutor_emotion_learnerrecord_delete":            "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "POST admin:tutor_emotion_learnerrecord_delete":           "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_learnerrecord_history":           "in     in     in     200a   away   200a   away   away   200a   away   away   away   200a",
    "GET admin:tutor_emotion_ledgerentry_changelist":          "in     in     in     403    403    403    403    403    403    403    403    403    200abcd",
    "POST admin:tutor_emotion_ledgerentry_changelist":         "in     in     in     403    403    403    403    403    403    403    403    403    200abcd",
    "GET admin:tutor_emotion_ledgerentry_add":                 "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "POST admin:tutor_emotion_ledgerentry_add":                "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_ledgerentry_change":              "in     in     in     403    403    403    403    403    403    403    403    403    200a",
    "POST admin:tutor_emotion_ledgerentry_change":             "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_ledgerentry_delete":              "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "POST admin:tutor_emotion_ledgerentry_delete":             "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_ledgerentry_history":             "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "GET admin:tutor_emotion_lessons_attempt_changelist":      "in     in     in     200ab  200ab  200abc 200c   200d   200ab  200c   403    403    200abcd",
    "POST admin:tutor_emotion_lessons_attempt_changelist":     "in     in     in     200ab  200ab  200abc 200c   200d   200ab  200c   403    403    del",
    "GET admin:tutor_emotion_lessons_attempt_add":             "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "POST admin:tutor_emotion_lessons_attempt_add":            "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_lessons_attempt_change":          "in     in     in     200a   200a   200a   away   away   200a   away   403    403    200a",
    "POST admin:tutor_emotion_lessons_attempt_change":         "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_lessons_attempt_delete":          "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "POST admin:tutor_emotion_lessons_attempt_delete":         "in     in     in     403    403    403    403    403    403    403    403    403    del",
    "GET admin:tutor_emotion_lessons_attempt_history":         "in     in     in     200    200    200    away   away   200    away   away   away   200",
    "GET admin:tutor_emotion_lessons_export":                  "in     in     in     404    404    302    404    404    404    404    404    404    302",
    "POST admin:tutor_emotion_lessons_export":                 "in     in     in     405    405    405    405    405    405    405    405    405    405",
    "GET admin:tutor_emotion_lessons_import":                  "in     in     in     403    403    200    403    200    403    403    403    403    200",
    "POST admin:tutor_emotion_lessons_import":                 "in     in     in     403    403    200    403    200    403    403    403    403    200",
    "GET admin:tutor_emotion_lessons_lesson_changelist":       "in     in     in     403    403    200    403    200    403    403    403    403    200",
    "POST admin:tutor_emotion_lessons_lesson_changelist":      "in     in     in     403    403    200    403    200    403    403    403    403    200",
    "GET admin:tutor_emotion_lessons_lesson_add":              "in     in     in     403    403    200    403    200    403    403    403    403    200",
    "POST admin:tutor_emotion_lessons_lesson_add":             "in     in     in     403    403    200    403    200    403    403    403    403    200",
    "GET admin:tutor_emotion_lessons_lesson_change":           "in     in     in     403    403    200    403    away   403    403    403    403    200",
    "POST admin:tutor_emotion_lessons_lesson_change":          "in     in     in     403    403    200    403    away   403    403    403    403    200",
    "GET admin:tutor_emotion_lessons_lesson_delete":           "in     in     in     403    403    403    403    away   403    403    403    403    403",
    "POST admin:tutor_emotion_lessons_lesson_delete":          "in     in     in     403    403    403    403    away   403    403    403    403    403",
    "GET admin:tutor_emotion_lessons_lesson_history":          "in     in     in     away   away   200    away   away   away   away   away   away   200",
    "GET admin:tutor_emotion_lessons_lessonadaptation_changelist": "in     in     in     200ab  200ab  200abc 200c   200d   200ab  200c   403    403    200abcd",
    "POST admin:tutor_emotion_lessons_lessonadaptation_changelist": "in     in     in     200ab  200ab  200abc 200c   200d   200ab  200c   403    403    del",
    "GET admin:tutor_emotion_lessons_lessonadaptation_add":    "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "POST admin:tutor_emotion_lessons_lessonadaptation_add":   "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_lessons_lessonadaptation_change": "in     in     in     200a   200a   200a   away   away   200a   away   403    403    200a",
    "POST admin:tutor_emotion_lessons_lessonadaptation_change": "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_lessons_lessonadaptation_delete": "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "POST admin:tutor_emotion_lessons_lessonadaptation_delete": "in     in     in     403    403    403    403    403    403    403    403    403    del",
    "GET admin:tutor_emotion_lessons_lessonadaptation_history": "in     in     in     200    200    200    away   away   200    away   away   away   200",
    "GET admin:tutor_emotion_lessons_lessoncourse_changelist": "in     in     in     403    403    200    403    200    403    403    403    403    200",
    "POST admin:tutor_emotion_lessons_lessoncourse_changelist": "in     in     in     403    403    200    403    200    403    403    403    403    200",
    "GET admin:tutor_emotion_lessons_lessoncourse_add":        "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "POST admin:tutor_emotion_lessons_lessoncourse_add":       "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "GET admin:tutor_emotion_lessons_lessoncourse_change":     "in     in     in     403    403    200    403    away   403    403    403    403    200",
    "POST admin:tutor_emotion_lessons_lessoncourse_change":    "in     in     in     403    403    200    403    away   403    403    403    403    200",
    "GET admin:tutor_emotion_lessons_lessoncourse_delete":     "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "POST admin:tutor_emotion_lessons_lessoncourse_delete":    "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_lessons_lessoncourse_history":    "in     in     in     away   away   200    away   away   away   away   away   away   200",
    "GET admin:tutor_emotion_lessons_mastery_changelist":      "in     in     in     200ab  200ab  200abc 200c   200d   200ab  200c   403    403    200abcd",
    "POST admin:tutor_emotion_lessons_mastery_changelist":     "in     in     in     200ab  200ab  200abc 200c   200d   200ab  200c   403    403    del",
    "GET admin:tutor_emotion_lessons_mastery_add":             "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "POST admin:tutor_emotion_lessons_mastery_add":            "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_lessons_mastery_change":          "in     in     in     200a   200a   200a   away   away   200a   away   403    403    200a",
    "POST admin:tutor_emotion_lessons_mastery_change":         "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_lessons_mastery_delete":          "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "POST admin:tutor_emotion_lessons_mastery_delete":         "in     in     in     403    403    403    403    403    403    403    403    403    del",
    "GET admin:tutor_emotion_lessons_mastery_history":         "in     in     in     200    200    200    away   away   200    away   away   away   200",
    "GET admin:tutor_emotion_lessons_skill_changelist":        "in     in     in     403    403    200    403    200    403    403    403    403    200",
    "POST admin:tutor_emotion_lessons_skill_changelist":       "in     in     in     403    403    200    403    200    403    403    403    403    200",
    "GET admin:tutor_emotion_lessons_skill_add":               "in     in     in     403    403    200    403    200    403    403    403    403    200",
    "POST admin:tutor_emotion_lessons_skill_add":              "in     in     in     403    403    200    403    200    403    403    403    403    200",
    "GET admin:tutor_emotion_lessons_skill_change":            "in     in     in     403    403    200    403    away   403    403    403    403    200",
    "POST admin:tutor_emotion_lessons_skill_change":           "in     in     in     403    403    200    403    away   403    403    403    403    200",
    "GET admin:tutor_emotion_lessons_skill_delete":            "in     in     in     403    403    403    403    away   403    403    403    403    403",
    "POST admin:tutor_emotion_lessons_skill_delete":           "in     in     in     403    403    403    403    away   403    403    403    403    403",
    "GET admin:tutor_emotion_lessons_skill_history":           "in     in     in     away   away   200    away   away   away   away   away   away   200",
    "GET admin:tutor_emotion_lessons_step_changelist":         "in     in     in     403    403    200    403    200    403    403    403    403    200",
    "POST admin:tutor_emotion_lessons_step_changelist":        "in     in     in     403    403    200    403    200    403    403    403    403    200",
    "GET admin:tutor_emotion_lessons_step_add":                "in     in     in     403    403    200    403    200    403    403    403    403    200",
    "POST admin:tutor_emotion_lessons_step_add":               "in     in     in     403    403    200    403    200    403    403    403    403    200",
    "GET admin:tutor_emotion_lessons_step_change":             "in     in     in     403    403    200    403    away   403    403    403    403    200",
    "POST admin:tutor_emotion_lessons_step_change":            "in     in     in     403    403    200    403    away   403    403    403    403    200",
    "GET admin:tutor_emotion_lessons_step_delete":             "in     in     in     403    403    403    403    away   403    403    403    403    403",
    "POST admin:tutor_emotion_lessons_step_delete":            "in     in     in     403    403    403    403    away   403    403    403    403    403",
    "GET admin:tutor_emotion_lessons_step_history":            "in     in     in     away   away   200    away   away   away   away   away   away   200",
    "GET admin:tutor_emotion_lessons_step_preview":            "in     in     in     405    405    405    405    405    405    405    405    405    405",
    "POST admin:tutor_emotion_lessons_step_preview":           "in     in     in     403    403    200    403    200    403    403    403    403    200",
    "GET admin:tutor_emotion_lessons_step_preview_of":         "in     in     in     405    405    405    405    405    405    405    405    405    405",
    "POST admin:tutor_emotion_lessons_step_preview_of":        "in     in     in     404    404    200    404    404    404    404    404    404    200",
    "GET admin:tutor_emotion_lexiconedit_changelist":          "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "POST admin:tutor_emotion_lexiconedit_changelist":         "in     in     in     403    403    403    403    403    403    403    403    403    del",
    "GET admin:tutor_emotion_lexiconedit_add":                 "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "POST admin:tutor_emotion_lexiconedit_add":                "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_lexiconedit_change":              "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "POST admin:tutor_emotion_lexiconedit_change":             "in     in     in     403    403    403    403    403    403    403    403    403    302",
    "GET admin:tutor_emotion_lexiconedit_delete":              "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "POST admin:tutor_emotion_lexiconedit_delete":             "in     in     in     403    403    403    403    403    403    403    403    403    del",
    "GET admin:tutor_emotion_lexiconedit_history":             "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "GET admin:tutor_emotion_lift":                            "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "POST admin:tutor_emotion_lift":                           "in     in     in     403    403    403    403    403    403    403    403    403    302",
    "GET admin:tutor_emotion_look_changelist":                 "in     in     in     403    403    403    403    403    403    403    403    403    200a",
    "POST admin:tutor_emotion_look_changelist":                "in     in     in     403    403    403    403    403    403    403    403    403    200a",
    "GET admin:tutor_emotion_look_add":                        "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "POST admin:tutor_emotion_look_add":                       "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_look_change":                     "in     in     in     403    403    403    403    403    403    403    403    403    200a",
    "POST admin:tutor_emotion_look_change":                    "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_look_delete":                     "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "POST admin:tutor_emotion_look_delete":                    "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_look_history":                    "in     in     in     away   away   away   away   away   away   away   away   away   200",
    "GET admin:tutor_emotion_medicaldecision_changelist":      "in     in     in     403    403    403    403    403    200    403    403    403    200",
    "POST admin:tutor_emotion_medicaldecision_changelist":     "in     in     in     403    403    403    403    403    200    403    403    403    200",
    "GET admin:tutor_emotion_medicaldecision_add":             "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "POST admin:tutor_emotion_medicaldecision_add":            "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_medicaldecision_change":          "in     in     in     403    403    403    403    403    200    403    403    403    200",
    "POST admin:tutor_emotion_medicaldecision_change":         "in     in     in     403    403    403    403    403    200    403    403    403    200",
    "GET admin:tutor_emotion_medicaldecision_delete":          "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "POST admin:tutor_emotion_medicaldecision_delete":         "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_medicaldecision_history":         "in     in     in     404    404    404    404    404    200    404    404    404    200",
    "GET admin:tutor_emotion_messageedit_changelist":          "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "POST admin:tutor_emotion_messageedit_changelist":         "in     in     in     403    403    403    403    403    403    403    403    403    del",
    "GET admin:tutor_emotion_messageedit_add":                 "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "POST admin:tutor_emotion_messageedit_add":                "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "GET admin:tutor_emotion_messageedit_change":              "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "POST admin:tutor_emotion_messageedit_change":             "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "GET admin:tutor_emotion_messageedit_delete":              "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "POST admin:tutor_emotion_messageedit_delete":             "in     in     in     403    403    403    403    403    403    403    403    403    del",
    "GET admin:tutor_emotion_messageedit_history":             "in     in     in     404    404    404    404    404    404    404    404    404    200",
    "GET admin:tutor_emotion_school_changelist":               "in     in     in     403    403    403    403    403    200    200    403    403    200",
    "POST admin:tutor_emotion_school_changelist":              "in     in     in     403    403    403    403    403    200    200    403    403    del",
    "GET admin:tutor_emotion_school_add":                      "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "POST admin:tutor_emotion_school_add":                     "in     in     in     403    403    403    403    403    403    403    403    403    200",
    "GET admin:tutor_emotion_school_change":                   "in     in     in     403    403    403    403    403    200    away   403    403    200",
    "POST admin:tutor_emotion_school_change":                  "in     in     in     403    403    403    403    403    302    away   403    403    200",
    "GET admin:tutor_emotion_school_delete":                   "in     in     in     403    403    403    403    403    403    403    403    403    200ab",
    "POST admin:tutor_emotion_school_delete":                  "in     in     in     403    403    403    403    403    403    403    403    403    del",
    "GET admin:tutor_emotion_school_history":                  "in     in     in     404    404    404    404    404    200    404    404    404    200",
    "GET admin:tutor_emotion_schoolclass_changelist":          "in     in     in     200    200    200    200    200    200    200    403    403    200",
    "POST admin:tutor_emotion_schoolclass_changelist":         "in     in     in     200    200    del    200    200    del    302    403    403    del",
    "GET admin:tutor_emotion_schoolclass_add":                 "in     in     in     403    403    200    403    200    200    200    403    403    200",
    "POST admin:tutor_emotion_schoolclass_add":                "in     in     in     403    403    200    403    200    200    200    403    403    200",
    "GET admin:tutor_emotion_schoolclass_change":              "in     in     in     200ab  200ab  200ab  away   away   200ab  away   403    403    200ab",
    "POST admin:tutor_emotion_schoolclass_change":             "in     in     in     200ab  403    200ab  away   403    200ab  away   403    403    200ab",
    "GET admin:tutor_emotion_schoolclass_delete":              "in     in     in     403    403    200ab  403    403    200ab  away   403    403    200ab",
    "POST admin:tutor_emotion_schoolclass_delete":             "in     in     in     403    403    del    403    403    del    away   403    403    del",
    "GET admin:tutor_emotion_schoolclass_history":             "in     in     in     200ab  200ab  200ab  404    404    200ab  404    404    404    200ab",
    "GET admin:tutor_emotion_session_changelist":              "in     in     in     200ab  200ab  200abc 200c   200d   200ab  200c   403    403    200abcd",
    "POST admin:tutor_emotion_session_changelist":             "in     in     in     200ab  200ab  200abc 200c   200d   200ab  200c   403    403    del",
    "GET admin:tutor_emotion_session_add":                     "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "POST admin:tutor_emotion_session_add":                    "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_session_change":                  "in     in     in     200a   200a   200a   away   away   200a   away   403    403    200a",
    "POST admin:tutor_emotion_session_change":                 "in     in     in     403    403    403    403    403    403    403    403    403    403",
    "GET admin:tutor_emotion_session_delete":                  "in     in     in     403    403    403    403    403    403    403    403    403    200a",
    "POST admin:tutor_emotion_session_delete":                 "in     in     in     403    403    403    403    403    403    403    403    403    del",
    "GET admin:tutor_emotion_session_history":                 "in     in     in     200a   200a   200a   away   away   200a   away   away   away   200a",
    "GET admin:tutor_emotion_sign":                            "in     in     in     405    405    405    405    405    405    405    405    405    405",
    "POST admin:tutor_emotion_sign":                           "in     in     in     403    403    403    403    403    302    403    403    403    302",
    "GET admin:tutor_emotion_switch_off":                      "in     in     in     403    403    403    403    403    200    200    403    403    200",
    "POST admin:tutor_emotion_switch_off":                     "in     in     in     403    403    403    403    403    200    200    403    403    200",
    "GET admin:tutor_emotion_withdraw":                        "in     in     in     405    405    405    405    405    405    405    405    405    405",
    "POST admin:tutor_emotion_withdraw":                       "in     in     in     403    403    403    403    403    302    403    403    403    302",
}
# fmt: on

# Sockets: the code that one closes with, or "open" and the learners whose rows come.
SOCKETS: dict[str, str] = {
    # The socket of Ada's session: hers alone, whatever somebody teaches or administers.
    "session": "4401 opena 4404 4404 4404 4404 4404 4404 4404 4404 4404 4404 4404",
    # The classroom of Ada's course; whose rows come is decided where they come in.
    "classroom": "4401 4403 4403 openab openab openabc openc 4403 openab openc 4403 4403 openabc",
    "elsewhere": "4404",
}

# Groups of the channel layer: who is in one, and what it carries. No browser names a group or sends
# to one: what comes over a socket is parsed as a message of the protocol and nothing else.
GROUPS: dict[str, str] = {
    "classroom_group": "sockets of those who may see the course's classroom. Carries rows with "
    "whose they are; each socket passes on those of the learners whom its teacher sees, and asks "
    "again who that is every 30 s and whenever a policy changes",
    "course_group": "sockets of the live sessions of a course. Carries that a classroom asks for "
    "rows and that a policy changed: nothing about anybody",
    "session_group": "the socket of one session, which is its learner's. Carries that a teacher is "
    "on it, that consent or policy changed, and events that the host reports for this session",
}


def cells_of(row: str) -> list[str]:
    """One for each role; a row of one cell is the same for everybody."""
    cells = row.split()
    cells = cells * len(ROLES) if len(cells) == 1 else cells
    assert len(cells) == len(ROLES), f"{len(cells)} cells for {len(ROLES)} roles: {row}"
    return cells


def line(key: str, cells: list[str]) -> str:
    """The row as it stands in this file."""
    row = cells[0] if len(set(cells)) == 1 else " ".join(f"{cell:6}" for cell in cells).rstrip()
    return f'    "{key}": "{row}",'


def page() -> str:
    """docs/doors.md."""
    parts = [_HEAD, "## Pages, calls and the admin", _table("door", DOORS)]
    parts += ["## Websockets", _SOCKET_WORDS, _table("socket", SOCKETS), "## Groups"]
    parts += [f"- `{name}`: {text}." for name, text in GROUPS.items()]
    return "\n\n".join(parts[: -len(GROUPS)]) + "\n\n" + "\n".join(parts[-len(GROUPS) :]) + "\n"


def _table(title: str, rows: dict[str, str]) -> str:
    lines = ["| " + " | ".join((title, *(role.replace("_", " ") for role in ROLES))) + " |"]
    lines.append("|" + "---|" * (len(ROLES) + 1))
    for key, row in rows.items():
        lines.append("| " + " | ".join((f"`{key}`", *cells_of(row))) + " |")
    return "\n".join(lines)


_HEAD = """# Doors and roles

Who gets what at every door of the site: each page, each call, each page of the admin, each
websocket. `tests/site/test_doors.py` finds the doors in the host's addresses and tries every cell; a
door without a row fails it. This page is written from the same table by `python -m tests.doors`.

Two schools: Ada (a) and Ben (b) are in class Red of school North, Cleo (c) in class Blue of South,
all in one course; Dora (d) is in another. What is asked for is always **Ada's**. The roles:

- *nobody* is not signed in; *self* is Ada; *peer* is Ben, of her class
- *teacher* and *co teacher* of Red; *course teacher* teaches the course as a whole
- *other class* teaches Blue; *other course* teaches Dora's course
- *school admin* is that of North, *other school* that of South
- *staff* may enter the admin and has no role; *clerk* has every Django permission of the plugin and
  no role; *owner* is a superuser

A cell says what comes: `in` is the sign-in page, `302` a page that follows what was done, `away` the
admin's start page with "there is no such object", `del` that Ada's row was deleted, and a number the
status. Letters after it are the learners whom the answer names or links: `200ab` shows Ada and Ben.
A learner's letter in their own column is their own name in the page's head."""
_SOCKET_WORDS = """A number is the code that the socket closes with (4401 not signed in, 4403 not
allowed, 4404 nothing there of yours); `open` and letters are the learners whose rows come."""


def main() -> None:
    (Path(__file__).parents[1] / "docs" / "doors.md").write_text(page())


if __name__ == "__main__":
    main()
