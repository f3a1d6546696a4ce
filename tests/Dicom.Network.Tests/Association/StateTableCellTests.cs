namespace MedicalAi.Dicom.Network.Tests;

/// <summary>Each cell of PS3.8 table 9-10: the action, and the state that follows it.</summary>
public sealed class StateTableCellTests
{
    // By event, as the table has it: the states in which it can occur, with action and next state. Sta9/10 of AR-8 tell requestor and acceptor apart.
    private const string Cells = """
        1  Sta1:AE1/Sta4
        2  Sta4:AE2/Sta5
        3  Sta2:AA1/Sta13 Sta3:AA8/Sta13 Sta5:AE3/Sta6 Sta6:AA8/Sta13 Sta7:AA8/Sta13 Sta8:AA8/Sta13 Sta9:AA8/Sta13 Sta10:AA8/Sta13 Sta11:AA8/Sta13 Sta12:AA8/Sta13 Sta13:AA6/Sta13
        4  Sta2:AA1/Sta13 Sta3:AA8/Sta13 Sta5:AE4/Sta1 Sta6:AA8/Sta13 Sta7:AA8/Sta13 Sta8:AA8/Sta13 Sta9:AA8/Sta13 Sta10:AA8/Sta13 Sta11:AA8/Sta13 Sta12:AA8/Sta13 Sta13:AA6/Sta13
        5  Sta1:AE5/Sta2
        6  Sta2:AE6/Sta3 Sta3:AA8/Sta13 Sta5:AA8/Sta13 Sta6:AA8/Sta13 Sta7:AA8/Sta13 Sta8:AA8/Sta13 Sta9:AA8/Sta13 Sta10:AA8/Sta13 Sta11:AA8/Sta13 Sta12:AA8/Sta13 Sta13:AA7/Sta13
        7  Sta3:AE7/Sta6
        8  Sta3:AE8/Sta13
        9  Sta6:DT1/Sta6 Sta8:AR7/Sta8
        10 Sta2:AA1/Sta13 Sta3:AA8/Sta13 Sta5:AA8/Sta13 Sta6:DT2/Sta6 Sta7:AR6/Sta7 Sta8:AA8/Sta13 Sta9:AA8/Sta13 Sta10:AA8/Sta13 Sta11:AA8/Sta13 Sta12:AA8/Sta13 Sta13:AA6/Sta13
        11 Sta6:AR1/Sta7
        12 Sta2:AA1/Sta13 Sta3:AA8/Sta13 Sta5:AA8/Sta13 Sta6:AR2/Sta8 Sta7:AR8/Sta9|Sta10 Sta8:AA8/Sta13 Sta9:AA8/Sta13 Sta10:AA8/Sta13 Sta11:AA8/Sta13 Sta12:AA8/Sta13 Sta13:AA6/Sta13
        13 Sta2:AA1/Sta13 Sta3:AA8/Sta13 Sta5:AA8/Sta13 Sta6:AA8/Sta13 Sta7:AR3/Sta1 Sta8:AA8/Sta13 Sta9:AA8/Sta13 Sta10:AR10/Sta12 Sta11:AR3/Sta1 Sta12:AA8/Sta13 Sta13:AA6/Sta13
        14 Sta8:AR4/Sta13 Sta9:AR9/Sta11 Sta12:AR4/Sta13
        15 Sta3:AA1/Sta13 Sta4:AA2/Sta1 Sta5:AA1/Sta13 Sta6:AA1/Sta13 Sta7:AA1/Sta13 Sta8:AA1/Sta13 Sta9:AA1/Sta13 Sta10:AA1/Sta13 Sta11:AA1/Sta13 Sta12:AA1/Sta13
        16 Sta2:AA2/Sta1 Sta3:AA3/Sta1 Sta5:AA3/Sta1 Sta6:AA3/Sta1 Sta7:AA3/Sta1 Sta8:AA3/Sta1 Sta9:AA3/Sta1 Sta10:AA3/Sta1 Sta11:AA3/Sta1 Sta12:AA3/Sta1 Sta13:AA2/Sta1
        17 Sta2:AA5/Sta1 Sta3:AA4/Sta1 Sta4:AA4/Sta1 Sta5:AA4/Sta1 Sta6:AA4/Sta1 Sta7:AA4/Sta1 Sta8:AA4/Sta1 Sta9:AA4/Sta1 Sta10:AA4/Sta1 Sta11:AA4/Sta1 Sta12:AA4/Sta1 Sta13:AR5/Sta1
        18 Sta2:AA2/Sta1 Sta13:AA2/Sta1
        19 Sta2:AA1/Sta13 Sta3:AA8/Sta13 Sta5:AA8/Sta13 Sta6:AA8/Sta13 Sta7:AA8/Sta13 Sta8:AA8/Sta13 Sta9:AA8/Sta13 Sta10:AA8/Sta13 Sta11:AA8/Sta13 Sta12:AA8/Sta13 Sta13:AA7/Sta13
        """;

    public static TheoryData<int, string> Events()
    {
        TheoryData<int, string> events = [];
        foreach (string line in Cells.Split('\n', StringSplitOptions.TrimEntries))
        {
            string[] parts = line.Split(' ', 2, StringSplitOptions.TrimEntries);
            events.Add(int.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture), parts[1]);
        }

        return events;
    }

    [Theory]
    [MemberData(nameof(Events))]
    public void An_event_does_in_each_state_what_the_table_says(int number, string cells)
    {
        Dictionary<AssociationState, (AssociationAction Action, AssociationState[] Next)> expected = cells.Split(' ').Select(cell => cell.Split(':', '/')).ToDictionary(
            cell => Enum.Parse<AssociationState>(cell[0]),
            cell => (Enum.Parse<AssociationAction>(cell[1]), cell[2].Split('|').Select(Enum.Parse<AssociationState>).ToArray()));
        foreach (AssociationState state in Enum.GetValues<AssociationState>())
        {
            AssociationAction action = StateTable.Action((AssociationEvent)number, state);
            (AssociationAction Action, AssociationState[] Next) cell = expected.GetValueOrDefault(state, (AssociationAction.None, []));
            Assert.Equal((state, cell.Action), (state, action));
            if (action != AssociationAction.None)
            {
                Assert.Equal((state, cell.Next[0]), (state, StateTable.Next(action, state, isRequestor: true)));
                Assert.Equal((state, cell.Next[^1]), (state, StateTable.Next(action, state, isRequestor: false)));
            }
        }
    }
}
