namespace MedicalAi.Archive;

/// <summary>A message in the hands of a receiver until its lease ends, it is acknowledged or given back.</summary>
/// <param name="Message">The message.</param>
/// <param name="Receipt">What the queue knows the delivery by.</param>
/// <param name="Deliveries">How often it was delivered, this time included and those that were given back not.</param>
/// <param name="LeaseUntil">When it is delivered again unless it is acknowledged.</param>
public sealed record WorkDelivery(WorkMessage Message, string Receipt, int Deliveries, DateTimeOffset LeaseUntil);
