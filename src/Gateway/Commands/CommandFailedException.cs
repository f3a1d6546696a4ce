namespace MedicalAi.Gateway;

/// <summary>A command cannot be carried out; the message is one line for people. Exit code 1.</summary>
internal sealed class CommandFailedException(string message, Exception? inner = null) : Exception(message, inner);
