// The face of the Juju provider for Terraform 1.x, as its reference documents it: names, types and which are required.
// It manages nothing. `terraform validate` asks a provider for its schema alone, so modules can be held against it.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	required = schema.StringAttribute{Required: true}
	optional = schema.StringAttribute{Optional: true, Computed: true}
	computed = schema.StringAttribute{Computed: true}
	texts    = schema.MapAttribute{Optional: true, ElementType: types.StringType}
)

var schemas = map[string]schema.Schema{
	"juju_model": {
		Attributes: map[string]schema.Attribute{
			"name": required, "uuid": computed, "id": computed, "config": texts,
			"constraints": optional, "credential": optional,
		},
	},
	"juju_application": {
		Attributes: map[string]schema.Attribute{
			"name": optional, "model_uuid": required, "id": computed, "constraints": optional,
			"config": texts, "resources": texts, "storage_directives": texts,
			"units": schema.Int64Attribute{Optional: true, Computed: true},
			"trust": schema.BoolAttribute{Optional: true, Computed: true},
		},
		Blocks: map[string]schema.Block{
			"charm": block(map[string]schema.Attribute{
				"name": required, "channel": optional, "base": optional,
				"revision": schema.Int64Attribute{Optional: true, Computed: true},
			}),
		},
	},
	"juju_integration": {
		Attributes: map[string]schema.Attribute{"model_uuid": required, "id": computed, "via": optional},
		Blocks: map[string]schema.Block{
			"application": block(map[string]schema.Attribute{
				"name": optional, "endpoint": optional, "offer_url": optional,
			}),
		},
	},
}

func block(attributes map[string]schema.Attribute) schema.Block {
	return schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: attributes}}
}

type juju struct{}

func (juju) Metadata(_ context.Context, _ provider.MetadataRequest, answer *provider.MetadataResponse) {
	answer.TypeName = "juju"
}
func (juju) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse)          {}
func (juju) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}
func (juju) DataSources(context.Context) []func() datasource.DataSource                        { return nil }
func (juju) Resources(context.Context) []func() resource.Resource {
	var found []func() resource.Resource
	for name := range schemas {
		found = append(found, func() resource.Resource { return described(name) })
	}
	return found
}

type described string

func (name described) Metadata(_ context.Context, _ resource.MetadataRequest, answer *resource.MetadataResponse) {
	answer.TypeName = string(name)
}
func (name described) Schema(_ context.Context, _ resource.SchemaRequest, answer *resource.SchemaResponse) {
	answer.Schema = schemas[string(name)]
}
func (described) Create(context.Context, resource.CreateRequest, *resource.CreateResponse) {}
func (described) Read(context.Context, resource.ReadRequest, *resource.ReadResponse)       {}
func (described) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}
func (described) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

func main() {
	made := func() provider.Provider { return juju{} }
	options := providerserver.ServeOpts{Address: "registry.terraform.io/juju/juju"}
	if err := providerserver.Serve(context.Background(), made, options); err != nil {
		log.Fatal(err)
	}
}
