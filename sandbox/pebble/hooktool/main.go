// Hooktool is every hook tool at once: it is linked under each tool's name and passes its call to the sandbox.
//
// A hook makes a dozen such calls, so this is a static program that starts in a millisecond. It knows no rule of
// Juju's; those live with the model, on the other side of the socket.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
)

type call struct {
	Context string            `json:"context"`
	Tool    string            `json:"tool"`
	Args    []string          `json:"args"`
	Stdin   string            `json:"stdin"`
	Files   map[string]string `json:"files"`
}

type answer struct {
	Stdout string `json:"stdout"`
	Stderr string `json:"stderr"`
	Code   int    `json:"code"`
}

func main() {
	reply, err := ask(os.Getenv("JUJU_AGENT_SOCKET_ADDRESS"))
	if err != nil {
		fmt.Fprintf(os.Stderr, "ERROR %v\n", err)
		os.Exit(1)
	}
	os.Stdout.WriteString(reply.Stdout)
	os.Stderr.WriteString(reply.Stderr)
	os.Exit(reply.Code)
}

func ask(address string) (*answer, error) {
	request, err := gather(os.Args)
	if err != nil {
		return nil, err
	}
	connection, err := net.Dial("unix", address)
	if err != nil {
		return nil, fmt.Errorf("hook tools work inside a hook only: %w", err)
	}
	defer connection.Close()
	if err := json.NewEncoder(connection).Encode(request); err != nil {
		return nil, err
	}
	reply := &answer{}
	return reply, json.NewDecoder(connection).Decode(reply)
}

// gather reads here what the arguments point at, because the model does not see the unit's files.
func gather(argv []string) (*call, error) {
	request := &call{
		Context: os.Getenv("JUJU_CONTEXT_ID"),
		Tool:    filepath.Base(argv[0]),
		Args:    argv[1:],
		Files:   map[string]string{},
	}
	for index, argument := range request.Args {
		path := ""
		if argument == "--file" && index+1 < len(request.Args) {
			path = request.Args[index+1]
		} else if _, after, found := strings.Cut(argument, "#file="); found {
			path = after
		} else if after, found := strings.CutPrefix(argument, "--file="); found {
			path = after
		}
		if path == "" {
			continue
		}
		content, err := read(path)
		if err != nil {
			return nil, err
		}
		if path == "-" {
			request.Stdin = string(content)
		} else {
			request.Files[path] = string(content)
		}
	}
	return request, nil
}

func read(path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(path)
}
