import type { ChatMessage, Plugin, PluginContext } from "innkeeper";

export default class ExamplePlugin implements Plugin {
  name = "example-plugin";
  version = "1.0.0";
  description = "Example plugin for demonstration";
  author = "Plugin Developer";
  permissions = [
    { resource: "messages", actions: ["read", "send"] },
    { resource: "storage", actions: ["read", "write"] },
    { resource: "ui", actions: ["components"] },
    { resource: "settings", actions: ["read"] },
  ];

  context!: PluginContext; // the host sets it before initialize

  async initialize(context: PluginContext): Promise<void> {
    // Register message handler
    context.api.onMessage(this.handleMessage.bind(this));

    // Register UI component
    context.api.registerComponent({
      name: "example-widget",
      component: <p>Hello from example plugin!</p>,
      position: "sidebar",
    });

    // Register settings
    context.api.registerSettings({
      enableFeature: {
        type: "boolean",
        default: true,
        label: "Enable Example Feature",
      },
    });

    console.log("Example plugin initialized");
  }

  async destroy(): Promise<void> {
    // Cleanup resources
    console.log("Example plugin destroyed");
  }

  private async handleMessage(message: ChatMessage): Promise<void> {
    // Plugin message handling logic
    if (message.content.includes("!example")) {
      await this.context.api.sendMessage({
        content: "Hello from example plugin!",
        role: "assistant",
      });
    }
  }
}
