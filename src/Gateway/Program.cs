using MedicalAi.Gateway;

return await GatewayCommand.RunAsync(args);
