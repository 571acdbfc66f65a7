package runlog

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	messages "github.com/cucumber/messages/go/v21"
)

// Media types of Parley's own attachments.
const (
	mediaRun       = "application/vnd.parley.run+json"
	mediaServant   = "application/vnd.parley.servant+json"
	mediaCell      = "application/vnd.parley.cell+json"
	mediaStep      = "application/vnd.parley.step+json"
	mediaLogs      = "application/vnd.parley.logs+json"
	mediaResult    = "application/vnd.parley.result+json"
	mediaResources = "application/vnd.parley.resources+json"
	mediaLeaks     = "application/vnd.parley.leaks+json"
	mediaOutcome   = "application/vnd.parley.outcome+json"
)

// MediaFigures is the media type of the figures that a step measured.
const MediaFigures = "application/vnd.parley.figures+json"

// OwnMediaType reports whether an attachment of the media type is Parley's own
// data and nothing that a step attached.
func OwnMediaType(mediaType string) bool {
	return mediaType != MediaFigures && strings.HasPrefix(mediaType, "application/vnd.parley.") && strings.HasSuffix(mediaType, "+json")
}

// cellData is the body of mediaCell.
type cellData struct {
	TestCase string `json:"testCase"`
	Cell     Cell   `json:"cell"`
}

// servantData is the body of mediaServant.
type servantData struct {
	Servant
	At time.Time `json:"at"`
}

// stepData is the body of mediaStep. AttachmentRoles are the roles of the step's
// attachments, in their order.
type stepData struct {
	StepResult
	AttachmentRoles []string `json:"attachmentRoles,omitempty"`
}

// encodeAttachment makes the message for what a step attached: text as it is,
// anything else in base64.
func encodeAttachment(a Attachment, startedID, stepID string) *messages.Attachment {
	m := &messages.Attachment{FileName: a.Name, MediaType: a.MediaType, TestCaseStartedId: startedID, TestStepId: stepID,
		Body: string(a.Body), ContentEncoding: messages.AttachmentContentEncoding_IDENTITY}
	if m.MediaType == "" {
		m.MediaType = "application/octet-stream"
	}
	if !strings.HasPrefix(m.MediaType, "text/") || !utf8.Valid(a.Body) {
		m.Body = base64.StdEncoding.EncodeToString(a.Body)
		m.ContentEncoding = messages.AttachmentContentEncoding_BASE64
	}
	return m
}

func decodeAttachment(m *messages.Attachment) (Attachment, error) {
	a := Attachment{Name: m.FileName, MediaType: m.MediaType, Body: []byte(m.Body)}
	if m.ContentEncoding == messages.AttachmentContentEncoding_BASE64 {
		body, err := base64.StdEncoding.DecodeString(m.Body)
		if err != nil {
			return a, fmt.Errorf("attachment %q: %w", m.FileName, err)
		}
		a.Body = body
	}
	return a, nil
}
