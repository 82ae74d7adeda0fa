;;; test.el --- eglot with the readiness server  -*- lexical-binding: t -*-

;; emacs --batch -Q -l test.el FILE
;; Ends with 0 when the findings are there, one fix gives the expected text, and hover answers.

(require 'eglot)
(require 'flymake)

;; A major mode for Rust is not part of a bare Emacs without a grammar.
(define-derived-mode rust-mode prog-mode "Rust")
(add-to-list 'auto-mode-alist '("\\.rs\\'" . rust-mode))

;; As in editors/README.md, with the server under test.
(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs
               `((rust-mode rust-ts-mode) . (,(getenv "READINESS_LSP")))))

(setq eglot-sync-connect 10
      eglot-autoshutdown t
      eglot-send-changes-idle-time 0.05
      flymake-no-changes-timeout 0.05)

(defconst test-folder (file-name-directory load-file-name))

(defun test-wait (what holds)
  "Wait until HOLDS returns something, and return that; WHAT names it."
  (let ((end (+ (float-time) 10)) result)
    (while (and (not (setq result (funcall holds))) (< (float-time) end))
      (accept-process-output nil 0.05))
    (or result (error "Waited in vain for %s" what))))

(defun test-send-changes ()
  "Send what was typed, as eglot does by itself when Emacs idles, which a batch never does."
  (eglot--signal-textDocument/didChange))

(defun test-findings ()
  "The findings of the buffer, as line and column from 1 on with what they say."
  (mapcar (lambda (finding)
            (save-excursion
              (goto-char (flymake-diagnostic-beg finding))
              (format "%d:%d %s" (line-number-at-pos) (1+ (current-column))
                      (flymake-diagnostic-text finding))))
          (sort (flymake-diagnostics)
                (lambda (a b) (< (flymake-diagnostic-beg a) (flymake-diagnostic-beg b))))))

(defun test-run (file)
  "Review FILE and fix one finding in it."
  (find-file file)
  (apply #'eglot (eglot--guess-contact))
  (flymake-mode 1)
  (test-wait "two findings" (lambda () (= (length (flymake-diagnostics)) 2)))
  (let ((findings (test-findings)))
    (message "findings: %S" findings)
    (unless (string-match-p "\\`9:41 .*unwrap-used.*panics" (car findings))
      (error "The first finding is %S" (car findings))))

  ;; Typed, not saved.
  (goto-char (point-max))
  (insert "fn last(text: &str) -> &str { text.lines().last().unwrap() }\n")
  (test-send-changes)
  (test-wait "a third finding" (lambda () (= (length (flymake-diagnostics)) 3)))
  (delete-region (line-beginning-position 0) (point-max))
  (test-send-changes)
  (test-wait "its end" (lambda () (= (length (flymake-diagnostics)) 2)))

  (goto-char (flymake-diagnostic-beg (car (sort (flymake-diagnostics)
                                                (lambda (a b) (< (flymake-diagnostic-beg a)
                                                                 (flymake-diagnostic-beg b)))))))
  (let* ((hover (eglot--request (eglot--current-server-or-lose) :textDocument/hover
                                (eglot--TextDocumentPositionParams)))
         (actions (eglot-code-actions (point) (point) "quickfix" nil))
         (fix (car actions))
         (expected (with-temp-buffer
                     (insert-file-contents
                      (expand-file-name "../expected/settings.rs.expected" test-folder))
                     (buffer-string))))
    (message "actions: %S" (mapcar (lambda (action) (plist-get action :title)) actions))
    (unless (string-match-p "Return the error" (format "%S" hover))
      (error "Hover says %S" hover))
    (eglot-execute (eglot--current-server-or-lose) fix)
    (unless (string= (buffer-string) expected)
      (error "The text is %S" (buffer-string))))
  (set-buffer-modified-p nil)
  (eglot-shutdown (eglot--current-server-or-lose))
  (message "emacs: passed"))

(let ((file (car command-line-args-left)))
  (setq command-line-args-left nil)
  (condition-case problem
      (test-run file)
    (error (message "FAIL %s" (error-message-string problem))
           (kill-emacs 1)))
  (kill-emacs 0))
