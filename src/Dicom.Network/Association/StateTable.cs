namespace MedicalAi.Dicom.Network;

/// <summary>The state transition table of the upper layer (PS3.8 table 9-10), as data.</summary>
internal static class StateTable
{
    private const int States = 13;

    // Rows are events 1 to 19, columns are states 1 to 13.
    private const string Table = """
        AE1  -    -    -    -    -    -    -    -    -    -    -    -
        -    -    -    AE2  -    -    -    -    -    -    -    -    -
        -    AA1  AA8  -    AE3  AA8  AA8  AA8  AA8  AA8  AA8  AA8  AA6
        -    AA1  AA8  -    AE4  AA8  AA8  AA8  AA8  AA8  AA8  AA8  AA6
        AE5  -    -    -    -    -    -    -    -    -    -    -    -
        -    AE6  AA8  -    AA8  AA8  AA8  AA8  AA8  AA8  AA8  AA8  AA7
        -    -    AE7  -    -    -    -    -    -    -    -    -    -
        -    -    AE8  -    -    -    -    -    -    -    -    -    -
        -    -    -    -    -    DT1  -    AR7  -    -    -    -    -
        -    AA1  AA8  -    AA8  DT2  AR6  AA8  AA8  AA8  AA8  AA8  AA6
        -    -    -    -    -    AR1  -    -    -    -    -    -    -
        -    AA1  AA8  -    AA8  AR2  AR8  AA8  AA8  AA8  AA8  AA8  AA6
        -    AA1  AA8  -    AA8  AA8  AR3  AA8  AA8  AR10 AR3  AA8  AA6
        -    -    -    -    -    -    -    AR4  AR9  -    -    AR4  -
        -    -    AA1  AA2  AA1  AA1  AA1  AA1  AA1  AA1  AA1  AA1  -
        -    AA2  AA3  -    AA3  AA3  AA3  AA3  AA3  AA3  AA3  AA3  AA2
        -    AA5  AA4  AA4  AA4  AA4  AA4  AA4  AA4  AA4  AA4  AA4  AR5
        -    AA2  -    -    -    -    -    -    -    -    -    -    AA2
        -    AA1  AA8  -    AA8  AA8  AA8  AA8  AA8  AA8  AA8  AA8  AA7
        """;

    private static readonly AssociationAction[] s_actions =
    [
        .. Table.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)
            .Select(name => name == "-" ? AssociationAction.None : Enum.Parse<AssociationAction>(name)),
    ];

    /// <summary>What to do on an event in a state; <see cref="AssociationAction.None"/> when it cannot occur there.</summary>
    public static AssociationAction Action(AssociationEvent occurred, AssociationState state) => s_actions[(((int)occurred - 1) * States) + (int)state - 1];

    /// <summary>The state after an action.</summary>
    /// <param name="action">The action.</param>
    /// <param name="state">The state before it.</param>
    /// <param name="isRequestor">Whether we asked for the association: a release collision tells the sides apart.</param>
    public static AssociationState Next(AssociationAction action, AssociationState state, bool isRequestor) => action switch
    {
        AssociationAction.AE1 => AssociationState.Sta4,
        AssociationAction.AE2 => AssociationState.Sta5,
        AssociationAction.AE3 or AssociationAction.AE7 => AssociationState.Sta6,
        AssociationAction.AE5 => AssociationState.Sta2,
        AssociationAction.AE6 => AssociationState.Sta3,
        AssociationAction.DT1 or AssociationAction.DT2 => AssociationState.Sta6,
        AssociationAction.AR1 or AssociationAction.AR6 => AssociationState.Sta7,
        AssociationAction.AR2 or AssociationAction.AR7 => AssociationState.Sta8,
        AssociationAction.AR8 => isRequestor ? AssociationState.Sta9 : AssociationState.Sta10,
        AssociationAction.AR9 => AssociationState.Sta11,
        AssociationAction.AR10 => AssociationState.Sta12,
        AssociationAction.AE8 or AssociationAction.AR4 or AssociationAction.AA1 or AssociationAction.AA6 or AssociationAction.AA7 or AssociationAction.AA8 => AssociationState.Sta13,
        AssociationAction.AE4 or AssociationAction.AR3 or AssociationAction.AR5 or AssociationAction.AA2 or AssociationAction.AA3 or AssociationAction.AA4 or AssociationAction.AA5 => AssociationState.Sta1,
        _ => state,
    };
}
