namespace MedicalAi.Gateway;

/// <summary>The gateway is not configured in a way that it can or should run with; the message is for people. Exit code 2.</summary>
internal sealed class ConfigurationException(string message) : Exception(message);
