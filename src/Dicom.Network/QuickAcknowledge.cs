using System.Net.Sockets;

namespace MedicalAi.Dicom.Network;

/// <summary>
/// Acknowledges TCP segments at once. A sender with Nagle's algorithm holds its last small segment until what it sent before is
/// acknowledged, and a kernel delays acknowledgements by 40 ms: 25 instances a second, whatever the line. With immediate
/// acknowledgements such senders run at full speed, unchanged. Linux (TCP_QUICKACK) and Windows (SIO_TCP_SET_ACK_FREQUENCY) have them;
/// macOS has none.
/// </summary>
internal static class QuickAcknowledge
{
    private const int Tcp = 6;
    private const int TcpQuickAck = 12;
    private const int SetAckFrequency = unchecked((int)0x98000017);

    /// <summary>Sets it, and gives what to call before each wait for the peer, as Linux falls back by itself; null where there is nothing to call.</summary>
    public static Action? For(Socket? socket)
    {
        if (socket is not null && OperatingSystem.IsWindows())
        {
            SetOnWindows(socket);
        }

        if (socket is null || !OperatingSystem.IsLinux())
        {
            return null;
        }

        Action set = () => Set(socket);
        set();
        return set;
    }

    private static void Set(Socket socket)
    {
        try
        {
            socket.SetRawSocketOption(Tcp, TcpQuickAck, [1, 0, 0, 0]);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Only a matter of speed.
        }
    }

    // One segment after which an acknowledgement is due, instead of two; it stays set.
    private static void SetOnWindows(Socket socket)
    {
        try
        {
            socket.IOControl(SetAckFrequency, BitConverter.GetBytes(1), null);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Only a matter of speed.
        }
    }
}
